using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness.TestProcess;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Repeatedly kills a process that appends and attests. Every message is attested once, and no attestation is lost or
/// changed.</summary>
public sealed class WitnessKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(10, 300);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_at_any_moment_every_message_is_attested_once()
    {
        string keyFile = _directory.Combine("key");
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(keyFile);
        string program = BuiltProgram.Find("tests/Estream.Witness.TestProcess", "Estream.Witness.TestProcess.dll");
        Random random = new(11);
        AttestationHistory kept = new(_directory.Combine("log"), _directory.Combine("log.witness"), s_kills);
        for (int kill = 0; !kept.AreEnough; kill++)
        {
            using ChildProcess child = ChildProcess.StartDotnet(program, ["run", _directory.Path, keyFile]);

            // The first signature takes longer than the pause, so without the wait nothing would be attested. Every fourth time the
            // process is killed at any moment, including during the recovery from the previous crash.
            child.WaitForText(kill % 4 == 3 ? "running" : "under way");
            Thread.Sleep(random.Next(60));
            child.Kill();
            Assert.Equal("", child.Error);
            kept.CheckAfterKill();
        }

        using EstreamQueue queue = SampleWitness.OpenQueue(_directory.Path), attestations = SampleWitness.OpenWitness(_directory.Path);
        using (QueueWitness witness = QueueWitness.Open(queue, attestations, key, SampleWitness.Bounds with { Recheck = int.MaxValue }))
        {
            witness.RunToEnd();
        }

        WitnessVerification found = WitnessVerifier.Verify(queue, attestations, key.PublicKey);
        Assert.True(found is { IsWhole: true, Unchecked: 0, Unattested: 0 }, found.ToString());
        Assert.Equal(queue.GetInfo().NextSequence, found.Messages);
        Assert.True(found.Attestations >= kept.Count && found.Messages > 3_000L * s_kills / 2, found.ToString());
        RequireNumbered(queue);
        Prove(queue, attestations, key, random);
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
