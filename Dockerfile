# The hosted demo: CPU only, not root, one process tree.
FROM python:3.11-slim

RUN useradd --create-home isthmus
WORKDIR /home/isthmus/app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN mkdir -p /home/isthmus/store && chown isthmus /home/isthmus/store

USER isthmus
ENV ISTHMUS_MODE=hosted ISTHMUS_STORE=/home/isthmus/store
EXPOSE 8501
# Sign-in: mount a secrets.toml at /home/isthmus/app/.streamlit/secrets.toml that this user may read.
# With a fault in it the server answers 503, and this is red.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
