from mien.labels import EMOTIONS


def test_bundles_and_detectors_are_listed(server):
    body = server().get("/v1/bundles").json()
    assert body["detectors"] == ["levels", "whole"]
    assert body["limits"] == {"body_bytes": 64 << 20, "video_bytes": 2 << 30, "keep_hours": 24}
    (bundle,) = body["bundles"]
    assert (bundle["name"], bundle["default"], bundle["threshold"]) == ("tiny", True, 0.55)
    assert bundle["classes"] == list(EMOTIONS)
    assert bundle["metadata"]["scores"][0]["split"] == "validation"
