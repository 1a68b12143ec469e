"""The JSON of the API, for its OpenAPI document. `Result.to_dict` and `Face.to_dict` make it."""

from pydantic import BaseModel, Field


class FaceSchema(BaseModel):
    """A face and its predicted expression."""

    box: tuple[float, float, float, float] = Field(
        examples=[[241.0, 118.5, 96.2, 120.4]], description="Left, top, width and height in pixels."
    )
    score: float = Field(examples=[0.93], description="Confidence of the detector, 0 to 1.")
    tilt: float = Field(examples=[-4.2], description="Degrees by which the head is rotated clockwise.")
    landmarks: dict[str, tuple[float, float]] | None = Field(
        examples=[{"right_eye": [268.0, 162.1]}],
        description="Eyes, nose and mouth corners in pixels; null if the detector has none.",
    )
    label: str = Field(examples=["happy"], description="The most probable class.")
    confidence: float = Field(examples=[0.90512], description="Probability of the label, 0 to 1.")
    uncertain: bool = Field(examples=[False], description="Whether the label should not be relied on.")
    uncertain_reason: str | None = Field(examples=[None], description="Why it is uncertain.")
    probabilities: dict[str, float] = Field(
        examples=[{"happy": 0.90512, "neutral": 0.09488}], description="Calibrated; their sum is 1."
    )
    track: int | None = Field(examples=[None], description="Number of the person in a video, from 1.")


class ResultSchema(BaseModel):
    """The faces of one image or frame, from left to right."""

    source: str = Field(examples=["photo.jpg"], description="Name of the file.")
    width: int = Field(examples=[640], description="In pixels.")
    height: int = Field(examples=[480], description="In pixels.")
    frame: int | None = Field(examples=[None], description="Number of the frame in a video, from 0.")
    time: float | None = Field(examples=[None], description="Seconds since the start of the video.")
    truncated: bool = Field(examples=[False], description="The file ends early.")
    faces: list[FaceSchema]


class FailureSchema(BaseModel):
    """An image that could not be read."""

    source: str = Field(examples=["notes.txt"], description="Name of the file.")
    error: str = Field(examples=["notes.txt: this is no image"], description="The reason.")


class ResultsSchema(BaseModel):
    """A result, or why there is none, for each file of the request, in order."""

    bundle: str = Field(examples=["small"], description="The bundle that classified the faces.")
    detector: str = Field(examples=["yunet"], description="The detector that found them.")
    results: list[ResultSchema | FailureSchema]


class PartSchema(BaseModel):
    """A part of a face, and how much of a map is in it."""

    name: str = Field(examples=["mouth corners"])
    share: float = Field(examples=[0.31], description="Of the positive saliency, 0 to 1; parts overlap.")
    ratio: float = Field(examples=[3.6], description="Mean saliency, in means of the face.")


class ClassExplanationSchema(BaseModel):
    """Which parts of a face support a class."""

    class_name: str = Field(alias="class", examples=["happy"], description="The class that is explained.")
    description: str = Field(
        examples=["mouth corners, mouth"], description="The most salient parts; may be empty."
    )
    parts: list[PartSchema] = Field(description="By their mean saliency, the highest first.")
    map: list[list[float]] = Field(
        examples=[[[0.01, -0.02], [0.2, 0.1]]],
        description="Rows of the map; positive where the pixel supports the class.",
    )
    image: str = Field(
        examples=["data:image/png;base64,…"], description="The face under its map, as a data URL."
    )


class ExplanationSchema(ClassExplanationSchema):
    """Which parts of a face support a class, or several: the first one, and the others."""

    bundle: str = Field(examples=["small"], description="The bundle that classified the face.")
    detector: str = Field(examples=["yunet"], description="The detector that found it.")
    source: str = Field(examples=["photo.jpg"], description="Name of the file.")
    face: FaceSchema
    method: str = Field(examples=["rise"], description="Of the maps.")
    unit: str = Field(examples=["gain of probability when visible"], description="What a number of a map is.")
    others: list[ClassExplanationSchema] = Field(description="Of further classes, in their order.")


class BundleSchema(BaseModel):
    """A bundle: the classifier of expressions."""

    name: str = Field(examples=["small"], description="As the parameter `bundle`.")
    default: bool = Field(examples=[True], description="Used where a request names none.")
    classes: list[str] = Field(examples=[["angry", "happy"]])
    colors: list[str] = Field(examples=[["#d55e00", "#e6a800"]], description="Of the classes, for drawings.")
    threshold: float | None = Field(
        examples=[0.68], description="A face with a lower confidence is uncertain; null if there is none."
    )
    metadata: dict[str, object] = Field(description="As `mien bundle info --json`.")


class LimitsSchema(BaseModel):
    """What the server accepts, so that a client can check files before it sends them."""

    body_bytes: int = Field(examples=[67_108_864], description="Bytes of a request, at most.")
    video_bytes: int = Field(examples=[2_147_483_648], description="Bytes of a video, at most.")
    keep_hours: float = Field(examples=[24.0], description="Hours for which results of a video are kept.")


class BundlesSchema(BaseModel):
    """The bundles, detectors and limits of the server."""

    bundles: list[BundleSchema]
    detectors: list[str] = Field(examples=[["auto", "mtcnn"]], description="The first is the default.")
    limits: LimitsSchema


class JobSchema(BaseModel):
    """A video that is or was processed."""

    id: str = Field(examples=["u3bJx0c5V2mPzq8KQd1nLw"])
    name: str = Field(examples=["talk.mp4"], description="Name of the file; source of the results.")
    options: dict[str, object] = Field(description="Of the request.")
    state: str = Field(examples=["running"], description="queued, running, done, failed or canceled.")
    created: float = Field(examples=[1795752774.5], description="Seconds since 1970.")
    ended: float | None = Field(examples=[None], description="Seconds since 1970; null before the end.")
    frames: int = Field(examples=[120], description="Frames that were processed.")
    total: int | None = Field(examples=[600], description="Frames of the video, approximately.")
    faces: int = Field(examples=[119], description="Faces in the processed frames.")
    error: str | None = Field(examples=[None], description="Why it failed.")
    progress: float | None = Field(examples=[0.2], description="0 to 1; null if that is unknown.")


class JobsSchema(BaseModel):
    """Jobs, the newest first."""

    jobs: list[JobSchema]


class StatusSchema(BaseModel):
    """The state of the server."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])
