using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Witness.Tests.Support;

/// <summary>Checks the attestations left by a process that is killed repeatedly: attestations never change, the trees follow each other
/// without a gap, and enough crashes interrupt the witness.</summary>
internal sealed class AttestationHistory(string queueDirectory, string witnessDirectory, int kills)
{
    private readonly KillRounds _kills = new(kills);
    private List<byte[]> _seen = [];

    public int Count => _seen.Count;

    /// <summary>Whether enough kills came after the killed process had made an attestation, and before all messages were
    /// attested.</summary>
    public bool AreEnough => _kills.AreOver;

    /// <summary>Checks the state that the last kill left.</summary>
    public void CheckAfterKill()
    {
        List<byte[]> now = [];
        (long size, long lastAttested) = (0, -1);
        using EstreamQueue attestations = EstreamQueue.OpenReadOnly(witnessDirectory);
        using QueueTailer tailer = attestations.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault), fault.ToString());
            Assert.Equal(size, entry.PreviousSize);
            (size, lastAttested) = (entry.Attestation.Head.TreeSize, entry.Attestation.Head.Sequence);
            byte[] hash = new byte[Sha3Lanes.HashBytes];
            Sha3Lanes.Hash(message.Payload, hash);
            now.Add(hash);
        }

        Assert.True(now.Count >= _seen.Count, $"{_seen.Count} attestations were there, and {now.Count} are.");
        Assert.Equal(_seen, now[.._seen.Count]);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(queueDirectory);
        bool isDone = now.Count > _seen.Count;
        bool isLeft = queue.GetInfo().NextSequence > lastAttested + 1;
        _kills.Add(isDone && isLeft);
        _seen = now;
    }
}
