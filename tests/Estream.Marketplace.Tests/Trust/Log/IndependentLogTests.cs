using Estream.Marketplace.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>Independent programs verify the files of a log: a Python script written from the specifications alone, and OpenSSL for the
/// Ed25519 signatures.</summary>
public sealed class IndependentLogTests
{
    private const string Python = "/usr/bin/python3";

    [PeerFact(Python, "python3")]
    public void Python_computes_the_same_root_and_OpenSSL_verifies_the_signatures()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        rig.Grow(log, 300);
        NoteSigner witness = rig.Witness("witness.example/w", 6, NoteKeyKind.Ed25519Cosignature);
        Assert.True(Checkpoint.TryParse(log.LastSigned!.Text, out Checkpoint? checkpoint, out _));
        log.Publish(witness.Sign(checkpoint));
        string script = Path.Combine(RepositoryRoot.Path, "tests", "Estream.Marketplace.Tests", "Trust", "Log", "judge_log.py");
        ProcessResult result = ChildProcess.Run(
            Peer.Require(Python, "python3"),
            [script, rig.Directory, rig.Signers[1].Key.ToString(), witness.Key.ToString(), Peer.Require("/usr/bin/openssl", "openssl")]);
        Assert.Equal($"300 {Convert.ToBase64String(checkpoint.Root)} {rig.Clock.Now.ToUnixTimeSeconds()}",
            result.EnsureSuccess().Output.Trim());
    }
}
