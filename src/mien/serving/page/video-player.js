// Plays a video file, or only its time where there is no file or the browser can't play it.

export class VideoPlayer {
  /**
   * @param {HTMLVideoElement} video
   * @param {(time: number) => void} onTime Called for each frame that is shown, and when playing begins or ends.
   */
  constructor(video, onTime) {
    this.video = video;
    this.onTime = onTime;
    this.rate = 1;
    this.generation = 0;
    this.close();
    for (const name of ["play", "pause", "ended", "seeked"]) {
      video.addEventListener(name, () => this.hasVideo && this.shown(video.currentTime));
    }
  }

  close() {
    this.generation += 1;
    this.hasVideo = false;
    this.isRunning = false;
    this.time = this.duration = 0;
    this.release();
  }

  release() {
    if (this.video.src) URL.revokeObjectURL(this.video.src);
    this.video.removeAttribute("src");
    this.video.load();
  }

  open(duration) {
    this.close();
    this.duration = duration;
  }

  /**
   * Shows a file; returns whether the browser can play it.
   * @param {File} file
   * @returns {Promise<boolean>}
   */
  async attach(file) {
    this.pause();
    this.release();
    const generation = ++this.generation;
    const { video } = this;
    video.src = URL.createObjectURL(file);
    await new Promise((resolve) => {
      video.onloadeddata = video.onerror = resolve;
    });
    if (generation !== this.generation) return true;
    this.hasVideo = !video.error && video.videoWidth > 0;
    if (!this.hasVideo) this.release();
    else {
      if (Number.isFinite(video.duration)) this.duration = Math.max(this.duration, video.duration);
      video.playbackRate = this.rate;
      this.followFrames(generation);
      this.seek(this.time);
    }
    return this.hasVideo;
  }

  // The time of the frame that is on the display, where the browser knows it.
  followFrames(generation) {
    if (!this.video.requestVideoFrameCallback) return;
    const next = () => this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (generation !== this.generation) return;
      this.shown(mediaTime);
      next();
    });
    next();
  }

  shown(time) {
    this.time = time;
    this.onTime(time);
  }

  get isPlaying() {
    return this.hasVideo ? !this.video.paused && !this.video.ended : this.isRunning;
  }

  seek(time) {
    const place = Math.max(0, Math.min(time, this.duration));
    if (this.hasVideo) this.video.currentTime = place;
    this.shown(place);
  }

  play() {
    if (this.time >= this.duration - 0.01) this.seek(0);
    if (this.hasVideo) {
      this.video.play();
      if (!this.video.requestVideoFrameCallback) this.run();
    } else {
      this.isRunning = true;
      this.run();
    }
  }

  pause() {
    this.isRunning = false;
    this.video.pause();
    this.onTime(this.time);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  setRate(rate) {
    this.rate = rate;
    this.video.playbackRate = rate;
  }

  // A frame of the display after the other: the time of the video, or of the clock.
  run() {
    let last = performance.now();
    const step = (now) => {
      if (!this.isPlaying) return;
      const time = this.hasVideo ? this.video.currentTime : this.time + this.rate * (now - last) / 1000;
      last = now;
      this.shown(Math.min(time, this.duration));
      if (time < this.duration) requestAnimationFrame(step);
      else this.pause();
    };
    requestAnimationFrame(step);
  }
}
