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
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
