using Estream.Core;
using Estream.Map;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>The last few snapshots of a map. Each must keep its content, whatever happens to the map, until the process that created the
/// snapshot dies.</summary>
internal sealed class HeldSnapshots<TValue>(Func<long, TValue> value)
    where TValue : unmanaged
{
    private const int Most = 3;

    private readonly List<Held> _held = [];

    public void Take(StateMap<long, TValue> map, SimulatedProcess process, Dictionary<long, long> model, long[] words)
    {
        _held.Add(new Held(map.CreateSnapshot(), process, new Dictionary<long, long>(model), [.. words]));
        if (_held.Count > Most)
        {
            Check(_held[0]);
            _held[0].Snapshot.Dispose();
            _held.RemoveAt(0);
        }
    }

    public void Check() => _held.ForEach(Check);

    /// <summary>Removes the snapshots of dead processes.</summary>
    public void Bury() => _held.RemoveAll(held => held.Process.IsDead);

    private void Check(Held held)
    {
        Scenarios.Check.That(held.Snapshot.Count == held.Model.Count,
            $"a snapshot counts {held.Snapshot.Count} entries, {held.Model.Count} were there");
        int enumerated = 0;
        foreach ((long key, TValue found) in held.Snapshot)
        {
            bool wasThere = held.Model.TryGetValue(key, out long operation);
            TValue expected = value(operation);
            Scenarios.Check.That(wasThere && RawValue.AreEqual(in expected, in found), $"a snapshot has key {key} as it was not");
            Scenarios.Check.That(held.Snapshot.TryGet(key, out TValue again) && RawValue.AreEqual(in found, in again),
                $"key {key} is not found in a snapshot");
            enumerated++;
        }

        Scenarios.Check.That(enumerated == held.Model.Count,
            $"{enumerated} entries of a snapshot are enumerated, {held.Model.Count} were there");
        for (int word = 0; word < held.Words.Length; word++)
        {
            Scenarios.Check.That(held.Snapshot.UserWord(word) == held.Words[word], $"word {word} of a snapshot is not what it was");
        }
    }

    private sealed record Held(MapSnapshot<long, TValue> Snapshot, SimulatedProcess Process, Dictionary<long, long> Model, long[] Words);
}
