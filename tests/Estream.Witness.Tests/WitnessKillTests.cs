using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness.TestProcess;

namespace Estream.Witness.Tests;

/// <summary>A process that appends and attests, killed again and again: every message is attested once, and no attestation is taken back.</summary>
public sealed class WitnessKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(10, 300);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_kills_at_any_moment_every_message_is_attested_once()
    {
        string keyFile = _directory.Combine("key");
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(keyFile);
        string program = BuiltProgram.Find("tests/Estream.Witness.TestProcess", "Estream.Witness.TestProcess.dll");
        Random random = new(11);
        List<byte[]> seen = [];
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess child = ChildProcess.StartDotnet(program, ["run", _directory.Path, keyFile]);
            child.WaitForText(kill % 5 == 0 ? "under way" : "running");
            Thread.Sleep(random.Next(60));
            child.Kill();
            Assert.Equal("", child.Error);
            seen = RequireKept(seen);
        }

        using EstreamQueue queue = SampleWitness.OpenQueue(_directory.Path), attestations = SampleWitness.OpenWitness(_directory.Path);
        using (QueueWitness witness = QueueWitness.Open(queue, attestations, key, SampleWitness.Bounds with { Recheck = int.MaxValue }))
        {
            witness.RunToEnd();
        }

        WitnessVerification found = WitnessVerifier.Verify(queue, attestations, key.PublicKey);
        Assert.True(found is { IsWhole: true, Unchecked: 0, Unattested: 0 }, found.ToString());
        Assert.Equal(queue.GetInfo().NextSequence, found.Messages);
        Assert.True(found.Attestations > seen.Count - 1 && found.Messages > 3_000, found.ToString());
        RequireNumbered(queue);
        Prove(queue, attestations, key, random);
    }

    // Killed or not, what was attested stays as it is; the trees grow, and follow each other without a gap.
    private List<byte[]> RequireKept(List<byte[]> seen)
    {
        using EstreamQueue attestations = EstreamQueue.OpenReadOnly(_directory.Combine("log.witness"));
        using QueueTailer tailer = attestations.CreateTailer();
        List<byte[]> now = [];
        long size = 0;
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault), fault.ToString());
            Assert.Equal(size, entry.PreviousSize);
            size = entry.Attestation.Head.TreeSize;
            byte[] hash = new byte[Sha3Lanes.HashBytes];
            Sha3Lanes.Hash(message.Payload, hash);
            now.Add(hash);
        }

        Assert.True(now.Count >= seen.Count, $"{seen.Count} attestations were there, and {now.Count} are.");
        Assert.Equal(seen, now[..seen.Count]);
        return now;
    }

    private static void RequireNumbered(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        for (long number = 0; tailer.TryRead(out QueueMessage message); number++)
        {
            Assert.Equal((number, number), (message.Sequence, BinaryPrimitives.ReadInt64LittleEndian(message.Payload)));
        }
    }

    private static void Prove(EstreamQueue queue, EstreamQueue attestations, MlDsa87PrivateKey key, Random random)
    {
        using WitnessProver prover = new(queue, attestations, key.PublicKey);
        long messages = prover[prover.LastNumber].Head.TreeSize;
        for (int round = 0; round < 50; round++)
        {
            Assert.True(prover.ProveMessage(random.NextInt64(messages)).Verify(queue.Id, key.PublicKey));
            long later = random.NextInt64(prover.LastNumber + 1);
            Assert.True(prover.ProveConsistency(random.NextInt64(later + 1), later).Verify(queue.Id, key.PublicKey));
        }
    }
}
