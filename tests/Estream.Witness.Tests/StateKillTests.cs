using Estream.Crypto;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness.TestProcess;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Repeatedly kills a process that changes a map and attests its state. Each new process resumes with exactly the signed state,
/// and in the end the state equals the content of the map.</summary>
public sealed class StateKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(8, 150);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_at_any_moment_the_state_matches_the_map()
    {
        string keyFile = _directory.Combine("key");
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(keyFile);
        string program = BuiltProgram.Find("tests/Estream.Witness.TestProcess", "Estream.Witness.TestProcess.dll");
        Random random = new(12);
        AttestationHistory kept = new(_directory.Combine("feed"), _directory.Combine("feed.witness"), s_kills);
        for (int kill = 0; !kept.AreEnough; kill++)
        {
            // The process refuses to run if the state computed from the feed differs from the signed state.
            using ChildProcess child = ChildProcess.StartDotnet(program, ["state", _directory.Path, keyFile]);
            child.WaitForText(kill % 4 == 3 ? "running" : "under way");
            Thread.Sleep(random.Next(80));
            child.Kill();
            Assert.Equal("", child.Error);
            kept.CheckAfterKill();
        }

        using EstreamQueue feed = SampleState.OpenFeed(_directory.Path), attestations = SampleState.OpenWitness(_directory.Path);
        using QueueChangeSink sink = new(feed);
        using ByteMap map = SampleState.OpenMap(_directory.Path, sink);
        using QueueWitness witness = QueueWitness.Open(feed, attestations, key, SampleState.Bounds);
        map.Put("last"u8, "change"u8);
        witness.RunToEnd();
        Dictionary<string, byte[]> held = [];
        foreach ((ReadOnlySpan<byte> entryKey, ReadOnlySpan<byte> value) in map)
        {
            held.Add(Convert.ToHexString(entryKey), value.ToArray());
        }

        Assert.Equal(NaiveState.Root(held.Select(entry => NaiveState.Entry(Convert.FromHexString(entry.Key), 0, 0, entry.Value))),
            witness.Last!.StateRoot.ToArray());
        WitnessVerification found = WitnessVerifier.Verify(feed, attestations, key.PublicKey);
        Assert.True(found is { IsWhole: true, Unattested: 0 } && found.Attestations > s_kills && found.Messages > 1_500L * s_kills / 2,
            found.ToString());
        using WitnessProver prover = new(feed, attestations, key.PublicKey);
        foreach ((string name, byte[] value) in held.Take(20))
        {
            StateProof proof = prover.ProveState(Convert.FromHexString(name));
            Assert.Equal((StateAnswer.Held, true), (proof.Verify(feed.Id, key.PublicKey), proof.Value.SequenceEqual(value)));
        }
    }
}
