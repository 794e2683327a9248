# The hosted demo on CPUs: no CUDA, not root, and nothing is written but to /data and /tmp.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt .
# PyTorch's own index has the same versions without CUDA, which is several gigabytes smaller.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv /opt/isthmus \
    && grep -E '^torch(vision)?==' requirements.txt > torch.txt \
    && /opt/isthmus/bin/pip install --no-cache-dir --index-url "$TORCH_INDEX" -r torch.txt \
    && /opt/isthmus/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 1000 --no-create-home --home-dir /data --shell /usr/sbin/nologin isthmus \
    && mkdir /data && chown isthmus /data
COPY --from=packages /opt/isthmus /opt/isthmus
WORKDIR /srv/isthmus
# What the app needs, by name: no secret, no test and no history gets in.
COPY LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY assets assets
COPY engine engine
COPY pages pages
ENV PATH=/opt/isthmus/bin:$PATH HOME=/data PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    ISTHMUS_MODE=hosted ISTHMUS_LOG=json ISTHMUS_STORE=/data/store XDG_CACHE_HOME=/data/cache
RUN python -m compileall -q app.py engine pages

USER isthmus
VOLUME /data
EXPOSE 8501
# With a fault in its set-up the server answers 503, and this is red.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
