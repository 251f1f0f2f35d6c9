using Estream.Core;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>A witness of C2SP tlog-witness cosigns only one history of a log.</summary>
public sealed class LogWitnessTests : IDisposable
{
    private readonly LogRig _rig = new();
    private readonly TransparencyLog _log;
    private readonly NoteSigner[] _signers;
    private LogWitness _witness;

    public LogWitnessTests()
    {
        _log = _rig.Open();
        _signers = [_rig.Witness("witness.example/w", 5), _rig.Witness("witness.example/w", 6, NoteKeyKind.Ed25519Cosignature)];
        _witness = OpenWitness();
    }

    public void Dispose()
    {
        _witness.Dispose();
        _log.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public async Task Growing_log_is_cosigned_and_its_checkpoint_accepted()
    {
        LogPolicy policy = new(LogRig.Origin, _rig.Signers.Select(signer => signer.Key), [_signers[0].Key], 1);
        Checkpoint? before = null;
        foreach (long size in new[] { 5L, 5, 256, 300 })
        {
            Checkpoint now = _rig.Grow(_log, size);
            byte[] path = before is null ? [] : await _rig.Client.ProveConsistencyAsync(before, now, CancellationToken.None);
            WitnessAnswer answer = Ask(before?.Size ?? 0, path);
            Assert.Equal(WitnessOutcome.Cosigned, answer.Outcome);
            Assert.Equal(2, answer.Cosignatures.Count);
            Assert.True(
                SignedNote.TryParseSignatures(SignedNote.EncodeSignatures(answer.Cosignatures), out IReadOnlyList<NoteSignature>? lines));
            _log.Publish(lines);
            Assert.Equal(size, (await _rig.Client.ReadCheckpointAsync(policy, before, CancellationToken.None)).Checkpoint!.Size);
            before = now;
        }
    }

    [Fact]
    public async Task Split_view_detected_by_witness()
    {
        using LogRig other = new();
        using TransparencyLog liar = other.Open();
        Checkpoint first = _rig.Grow(_log, 5);
        Assert.Equal(WitnessOutcome.Cosigned, Ask(0, []).Outcome);

        // The same keys sign another history: first with the same size, then with a larger size and a proof that does not fit the cosigned
        // history.
        liar.Append("for somebody else"u8);
        liar.Sign();
        liar.Publish();
        Checkpoint split = other.Grow(liar, 5);
        Assert.Equal((WitnessOutcome.Conflict, 5), Answer(5, [], liar));
        Assert.Equal((WitnessOutcome.Conflict, 5), Answer(0, [], liar));
        Checkpoint larger = other.Grow(liar, 9);
        byte[] proof = await other.Client.ProveConsistencyAsync(split, larger, CancellationToken.None);
        Assert.Equal((WitnessOutcome.Unprocessable, 0), Answer(5, proof, liar));
        Assert.Equal((WitnessOutcome.Unprocessable, 0), Answer(5, [], liar));
        Assert.True(_witness.Latest(LogRig.Origin)!.Says(first));
    }

    [Fact]
    public async Task Witness_remembers_its_last_checkpoint_after_a_restart()
    {
        Checkpoint first = _rig.Grow(_log, 5);
        Ask(0, []);
        _witness.Dispose();
        _witness = OpenWitness();
        Checkpoint now = _rig.Grow(_log, 9);
        Assert.Equal((WitnessOutcome.Conflict, 5), Answer(0, [], _log));
        byte[] proof = await _rig.Client.ProveConsistencyAsync(first, now, CancellationToken.None);
        Assert.Equal((WitnessOutcome.Cosigned, 9), Answer(5, proof, _log));
        Assert.Equal((WitnessOutcome.BadRequest, 0), Answer(10, [], _log));
    }

    [Fact]
    public void Witness_that_crashes_before_storing_has_not_cosigned()
    {
        _rig.Grow(_log, 5);
        byte[] request = WitnessRequest.Create(0, [], _log.LastSigned!).Encode();
        for (int dieAt = 2; ; dieAt++)
        {
            CrashingStorage storage = new(dieAt);
            string folder = _rig.Combine($"witness-{dieAt}");
            using (LogWitness dying = new(folder, _signers, [_rig.Policy], storage))
            {
                try
                {
                    dying.AddCheckpoint(request);
                }
                catch (EstreamStorageException)
                {
                    // Expected: the storage crashed.
                }
            }

            using LogWitness again = new(folder, _signers, [_rig.Policy], FileStorage.Instance);
            Assert.True(again.Latest(LogRig.Origin) is not null || !storage.Survived, $"killed at call {dieAt}");
            if (storage.Survived)
            {
                Assert.True(dieAt > 4);
                return;
            }
        }
    }

    [Fact]
    public void Witness_distinguishes_unknown_unsigned_and_malformed_requests()
    {
        _rig.Grow(_log, 5);
        byte[] good = WitnessRequest.Create(0, [], _log.LastSigned!).Encode();
        Assert.Equal(WitnessOutcome.BadRequest, _witness.AddCheckpoint("old 0\n"u8).Outcome);
        Assert.Equal(WitnessOutcome.BadRequest, _witness.AddCheckpoint(good.AsSpan(1)).Outcome);
        Assert.Equal(WitnessOutcome.BadRequest, _witness.AddCheckpoint(new byte[WitnessRequest.MaxBytes + 1]).Outcome);
        NoteSignature signature = _log.LastSigned!.Signatures[0];
        byte[] bytes = signature.Signature.ToArray();
        bytes[20] ^= 1;
        SignedNote damaged = SignedNote.Create(_log.LastSigned.Text, [signature with { Signature = bytes }, _log.LastSigned.Signatures[1]]);
        Assert.Equal(WitnessOutcome.Forbidden, _witness.AddCheckpoint(WitnessRequest.Create(0, [], damaged).Encode()).Outcome);
        Checkpoint other = new("example.org/other", 5, new byte[32]);
        SignedNote unknown = SignedNote.Create(other.Encode(), [_rig.Signers[0].Sign(other), _rig.Signers[1].Sign(other)]);
        Assert.Equal(WitnessOutcome.UnknownLog, _witness.AddCheckpoint(WitnessRequest.Create(0, [], unknown).Encode()).Outcome);
        Assert.Null(_witness.Latest(LogRig.Origin));
        Assert.Throws<ArgumentException>(() =>
            new LogWitness(_rig.Combine("other"), [_rig.Signers[1]], [_rig.Policy], FileStorage.Instance));
    }

    [Theory]
    [InlineData("old 0\n\n", true)]
    [InlineData("old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\n", true)]
    [InlineData("old 01\n\n", false)]
    [InlineData("old -1\n\n", false)]
    [InlineData("old \n\n", false)]
    [InlineData("new 0\n\n", false)]
    [InlineData("old 0\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw\n\n", false)]
    [InlineData("old 0\n", false)]
    public void Witness_request_has_a_size_hashes_and_a_blank_line(string text, bool isOne)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Assert.Equal(isOne, WitnessRequest.TryParse(bytes, out WitnessRequest? request));
        Assert.Equal(isOne ? bytes : null, request?.Encode());
        string many = "old 0\n" + string.Concat(Enumerable.Repeat("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n", 64)) + "\n";
        Assert.False(WitnessRequest.TryParse(System.Text.Encoding.ASCII.GetBytes(many), out _));
    }

    private LogWitness OpenWitness() => new(_rig.Combine("witness"), _signers, [_rig.Policy], FileStorage.Instance);

    private WitnessAnswer Ask(long oldSize, byte[] path) =>
        _witness.AddCheckpoint(WitnessRequest.Create(oldSize, path, _log.LastSigned!).Encode());

    private (WitnessOutcome Outcome, long KnownSize) Answer(long oldSize, byte[] path, TransparencyLog log)
    {
        WitnessAnswer answer = _witness.AddCheckpoint(WitnessRequest.Create(oldSize, path, log.LastSigned!).Encode());
        return (answer.Outcome, answer.KnownSize);
    }
}
