using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Simulation.Scenarios;

// Key rotation: messages stored under a key stay readable, and so does the key, wherever a process dies while it creates the key. A key
// that RotateKey has returned is the current key or an older one. After RewrapKeys has wrapped all keys again, the previous master key is
// not needed any more.
internal sealed partial class DurableScenario
{
    // Two key rings with the same two master keys. Each ring has another current master key.
    private static readonly QueueKeyRing[] s_rings = [RingOf("first", "second"), RingOf("second", "first")];

    private readonly bool _hasRotations;

    // The master keys under which keys may be wrapped.
    private readonly HashSet<string> _masterKeys = [];
    private QueueKeyRing? _keys;

    // The number of the newest key that RotateKey has returned.
    private int _generation;

    private Step[] KeySteps =>
    [
        new Step("rotate the key", 6, RotateKey),
        new Step("wrap the keys again", 3, RewrapKeys),
        new Step("the other master key is the current one", 3, ChangeMasterKey),
        new Step("look at the keys", 3, LookAtKeys),
    ];

    private static QueueKeyRing RingOf(string current, string other)
    {
        var ring = new QueueKeyRing(current, MasterKey(current));
        ring.Add(other, MasterKey(other));
        return ring;
    }

    private static byte[] MasterKey(string id) => [.. Enumerable.Repeat((byte)id[0], QueueKeyRing.KeyBytes)];

    // A process that opens the queue may have to create the first key, which is wrapped under the current master key.
    private void NoteMasterKey()
    {
        if (_keys is not null)
        {
            _masterKeys.Add(_keys.CurrentId);
        }
    }

    private void RotateKey()
    {
        if (!Ensure())
        {
            return;
        }

        NoteMasterKey();
        EstreamQueue queue = _otherQueue is not null && Random.Chance(0.5) ? _otherQueue : _queue!;
        int made = 0;
        if (TryOrBeRefused(() => made = queue.RotateKey()))
        {
            Check.That(made > _generation, $"key {made} was made, and there was key {_generation} already");
            _generation = made;
        }
    }

    private void RewrapKeys()
    {
        if (!Ensure())
        {
            return;
        }

        NoteMasterKey();
        int count = 0;
        if (TryOrBeRefused(() => count = _queue!.RewrapKeys()))
        {
            Check.That(count > 0, "no key was wrapped again");
            _masterKeys.Clear();
            NoteMasterKey();
        }
    }

    private void ChangeMasterKey()
    {
        _keys = _keys == s_rings[0] ? s_rings[1] : s_rings[0];
        CloseAndOpen();
    }

    private void LookAtKeys()
    {
        if (Ensure())
        {
            Try(CheckKeys);
        }
    }

    private void CheckKeys()
    {
        if (!_hasRotations)
        {
            return;
        }

        QueueEncryption? encryption = QueueKeys.Describe(_queue!.Files);
        Check.That(encryption is not null, "a queue that was opened with keys has none");
        Check.That(encryption.CurrentGeneration >= _generation,
            $"key {encryption.CurrentGeneration} is the current one, key {_generation} was stored");
        foreach (QueueKeyGeneration key in encryption.Generations)
        {
            Check.That(_masterKeys.Contains(key.MasterKeyId),
                $"key {key.Number} is wrapped under '{key.MasterKeyId}', and all were wrapped under another one");
        }
    }
}
