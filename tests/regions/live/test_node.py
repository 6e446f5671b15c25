"""The AWS SDK for JavaScript makes a key, seals, opens and is refused as it expects.

Skipped where there is no node or no @aws-sdk/client-kms that it can require; with NINES_NODE=1 the
package is downloaded into the test's own folder.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from serving import PATIENCE_S, REGION, environment, serving

PACKAGE = "@aws-sdk/client-kms"
STORY = """
const sdk = require("@aws-sdk/client-kms");
(async () => {
  const kms = new sdk.KMSClient({});
  const { KeyMetadata: key } = await kms.send(new sdk.CreateKeyCommand({ Description: "of node" }));
  const EncryptionContext = { tenant: "7" };
  const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({
    KeyId: key.KeyId, Plaintext: Buffer.from("order 1"), EncryptionContext }));
  const opened = await kms.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
  const refused = await kms.send(new sdk.DecryptCommand({ CiphertextBlob })).catch((error) => error);
  const missing = await kms.send(new sdk.DescribeKeyCommand({ KeyId: "alias/nobody" }))
    .catch((error) => error);
  console.log(JSON.stringify({
    state: key.KeyState,
    isDate: key.CreationDate instanceof Date,
    text: Buffer.from(opened.Plaintext).toString(),
    refused: refused instanceof sdk.InvalidCiphertextException,
    missing: missing instanceof sdk.NotFoundException && missing.message,
    isRequestId: /^[0-9a-f-]{36}$/.test(opened.$metadata.requestId),
  }));
})();
"""


@pytest.fixture
def modules(tmp_path: Path) -> str:
    """Return what NODE_PATH must be; skip where the package is not to be had."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    found = os.environ.get("NODE_PATH", "")
    asked = subprocess.run(
        [node, "-e", f"require.resolve({json.dumps(PACKAGE)})"],
        capture_output=True, check=False, timeout=PATIENCE_S, env=environment() | {"NODE_PATH": found},
    )  # fmt: skip
    if asked.returncode == 0:
        return found
    npm = shutil.which("npm")
    if os.environ.get("NINES_NODE") != "1" or npm is None:
        pytest.skip(f"node cannot require {PACKAGE}; NINES_NODE=1 lets the test download it by npm")
    words = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), PACKAGE]
    subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE_S)
    return str(tmp_path / "node_modules")


def test_the_javascript_sdk_seals_opens_and_knows_our_errors(tmp_path: Path, modules: str) -> None:
    with serving(tmp_path / "data", "--regions", REGION, auth="sigv4") as server:
        told = subprocess.run(  # The warnings are the package's own, of node's age.
            ["node", "--no-warnings", "-e", STORY],
            capture_output=True, text=True, check=False, timeout=PATIENCE_S,
            env=environment() | server.exports | {"NODE_PATH": modules, "AWS_REGION": REGION},
        )  # fmt: skip
    assert told.stderr == ""
    assert json.loads(told.stdout) == {
        "state": "Enabled",
        "isDate": True,
        "text": "order 1",
        "refused": True,
        "missing": "Alias arn:aws:kms:us-east-1:123456789012:alias/nobody is not found.",
        "isRequestId": True,
    }
