from mien.labels import EMOTIONS


def test_bundles_and_detectors_are_listed(server):
    body = server().get("/v1/bundles").json()
    assert body["detectors"] == ["levels", "whole"]
    (bundle,) = body["bundles"]
    assert (bundle["name"], bundle["default"], bundle["threshold"]) == ("tiny", True, 0.55)
    assert bundle["classes"] == list(EMOTIONS)
    assert bundle["metadata"]["scores"][0]["split"] == "validation"
