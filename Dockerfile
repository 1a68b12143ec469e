# A server for facial expression recognition: mien serve, without torch.
#
#   docker build -t mien .
#   docker run --rm --read-only --tmpfs /tmp -v mien:/data -p 127.0.0.1:8000:8000 -e MIEN_TOKEN=... mien
#
# docs/guides/deploy.md describes it; docker/check.sh checks it, also where there is no container engine.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY src src
COPY docker/install.sh docker/install.sh
RUN sh docker/install.sh /opt/mien

FROM ${BASE}
LABEL org.opencontainers.image.title="mien" \
      org.opencontainers.image.description="Facial expression recognition: a web page and a REST API" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --no-create-home --home-dir /data mien \
    && install --directory --owner=mien --group=mien --mode=700 /data
COPY --from=build /opt/mien /opt/mien
ENV PATH=/opt/mien/bin:$PATH HOME=/data XDG_CACHE_HOME=/data/cache XDG_STATE_HOME=/data/state \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["mien", "serve", "--host", "0.0.0.0", "--port", "8000"]
