using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>The required signers of a checkpoint.</summary>
public sealed class LogPolicyTests : IDisposable
{
    private readonly LogRig _rig = new();
    private readonly Checkpoint _checkpoint = new(LogRig.Origin, 7, [.. Enumerable.Range(0, 32).Select(number => (byte)number)]);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Checkpoint_needs_signatures_by_all_log_keys()
    {
        NoteSignature mlDsa = _rig.Signers[0].Sign(_checkpoint), ed25519 = _rig.Signers[1].Sign(_checkpoint);
        Assert.True(Verify(_rig.Policy, mlDsa, ed25519).IsAccepted);
        Assert.Equal(CheckpointFault.MissingSignature, Verify(_rig.Policy, mlDsa).Fault);
        Assert.Equal(CheckpointFault.MissingSignature, Verify(_rig.Policy, ed25519).Fault);
    }

    [Fact]
    public void Checkpoint_signed_by_unknown_key_is_rejected()
    {
        NoteSigner stranger = _rig.Witness(LogRig.Origin, 99);
        Assert.Equal(CheckpointFault.MissingSignature, Verify(_rig.Policy, stranger.Sign(_checkpoint)).Fault);

        // An additional valid signature by an unknown key is ignored: the log may be about to rotate its keys.
        Assert.True(
            Verify(_rig.Policy, stranger.Sign(_checkpoint), _rig.Signers[0].Sign(_checkpoint),
                _rig.Signers[1].Sign(_checkpoint)).IsAccepted);
    }

    [Fact]
    public void Invalid_signature_of_a_known_key_rejects_the_checkpoint()
    {
        Checkpoint other = new(LogRig.Origin, 8, _checkpoint.Root);
        NoteSignature mlDsa = _rig.Signers[0].Sign(_checkpoint), ed25519 = _rig.Signers[1].Sign(_checkpoint);
        Assert.Equal(CheckpointFault.BadSignature, Verify(_rig.Policy, _rig.Signers[0].Sign(other), ed25519).Fault);
        Assert.Equal(CheckpointFault.BadSignature, Verify(_rig.Policy, mlDsa, _rig.Signers[1].Sign(other)).Fault);
        Assert.Equal(CheckpointFault.BadSignature, Verify(_rig.Policy, mlDsa, ed25519, _rig.Signers[0].Sign(other)).Fault);
        NoteSigner witness = _rig.Witness("witness.example/1", 5);
        LogPolicy policy = Policy(0, witness);
        Assert.Equal(CheckpointFault.BadSignature, Verify(policy, mlDsa, ed25519, witness.Sign(other)).Fault);
    }

    [Fact]
    public void Checkpoint_of_another_log_is_rejected()
    {
        Checkpoint other = new("example.org/other", 7, _checkpoint.Root);
        SignedNote note = SignedNote.Create(other.Encode(), [_rig.Signers[0].Sign(other), _rig.Signers[1].Sign(other)]);
        Assert.Equal(CheckpointFault.OtherLog, _rig.Policy.Verify(note.Encode()).Fault);
        Assert.Equal(CheckpointFault.Malformed, _rig.Policy.Verify("no note"u8).Fault);
    }

    [Fact]
    public void Checkpoint_needs_a_threshold_of_distinct_witnesses()
    {
        NoteSigner first = _rig.Witness("witness.example/1", 5),
        second = _rig.Witness("witness.example/2", 6, NoteKeyKind.Ed25519Cosignature), third = _rig.Witness("witness.example/3", 8);
        LogPolicy policy = Policy(2, first, second);
        NoteSignature[] log = [_rig.Signers[0].Sign(_checkpoint), _rig.Signers[1].Sign(_checkpoint)];
        Assert.Equal(CheckpointFault.TooFewWitnesses, Verify(policy, log).Fault);
        Assert.Equal(CheckpointFault.TooFewWitnesses, Verify(policy, [.. log, first.Sign(_checkpoint)]).Fault);
        Assert.Equal(CheckpointFault.TooFewWitnesses, Verify(policy, [.. log, first.Sign(_checkpoint), first.Sign(_checkpoint)]).Fault);
        Assert.Equal(CheckpointFault.TooFewWitnesses, Verify(policy, [.. log, first.Sign(_checkpoint), third.Sign(_checkpoint)]).Fault);
        CheckpointVerdict verdict = Verify(policy, [.. log, first.Sign(_checkpoint), second.Sign(_checkpoint)]);
        Assert.True(verdict.IsAccepted, verdict.Reason);
        Assert.Equal(2, verdict.WitnessCount);
    }

    [Fact]
    public void Checkpoint_time_is_the_witness_threshold_time_and_not_after_the_log_time()
    {
        NoteSigner[] witnesses =
            [_rig.Witness("witness.example/1", 5), _rig.Witness("witness.example/2", 6), _rig.Witness("witness.example/3", 7)];
        long start = _rig.Clock.Now.ToUnixTimeSeconds();
        List<NoteSignature> signatures = [_rig.Signers[0].Sign(_checkpoint), _rig.Signers[1].Sign(_checkpoint)];
        foreach ((NoteSigner witness, long offset) in witnesses.Zip([-300L, -200, 500]))
        {
            _rig.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(start + offset);
            signatures.Add(witness.Sign(_checkpoint));
        }

        Assert.Equal(start, Verify(Policy(0, witnesses), [.. signatures]).Time);
        Assert.Equal(start, Verify(Policy(1, witnesses), [.. signatures]).Time);
        Assert.Equal(start - 200, Verify(Policy(2, witnesses), [.. signatures]).Time);
        Assert.Equal(start - 300, Verify(Policy(3, witnesses), [.. signatures]).Time);
    }

    [Fact]
    public void Policy_with_duplicate_keys_or_an_unreachable_threshold_throws()
    {
        NoteSigner witness = _rig.Witness("witness.example/1", 5), sameKey = _rig.Witness("witness.example/2", 5),
        log = _rig.Witness("witness.example/3", 1);
        Assert.Throws<ArgumentException>(() => Policy(2, witness, sameKey));
        Assert.Throws<ArgumentException>(() => Policy(1, log));
        Assert.Throws<ArgumentException>(() => Policy(2, witness));
        Assert.Throws<ArgumentException>(() => Policy(1, _rig.Witness("witness.example/1", 5, NoteKeyKind.Ed25519)));
        Assert.Throws<ArgumentException>(() => new LogPolicy(LogRig.Origin, [_rig.Signers[1].Key], [], 0));
    }

    private LogPolicy Policy(int threshold, params NoteSigner[] witnesses) =>
        new(LogRig.Origin, _rig.Signers.Select(signer => signer.Key), witnesses.Select(witness => witness.Key), threshold);

    private CheckpointVerdict Verify(LogPolicy policy, params NoteSignature[] signatures) =>
        policy.Verify(SignedNote.Create(_checkpoint.Encode(), signatures).Encode());
}
