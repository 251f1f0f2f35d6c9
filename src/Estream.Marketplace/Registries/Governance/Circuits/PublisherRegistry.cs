using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Widgets;
using Estream.Queue;

namespace Estream.Marketplace.Governance;

/// <summary>A registered key.</summary>
/// <param name="Role">What the key is registered for.</param>
/// <param name="Scope">The scope that the ids of its widgets must have.</param>
/// <param name="PublicKey">The encoded key.</param>
internal sealed record RegisteredKey(PublisherRole Role, string Scope, byte[] PublicKey)
{
    public bool HasSigned(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
        MlDsa87PublicKey.Import(PublicKey).Verify(digest, context, signature);
}

/// <summary>The keys that may publish or approve, read from the messages of a queue; the newest message of a key applies. Write access to
/// the queue therefore controls who may publish. Not thread-safe.</summary>
internal sealed class PublisherRegistry(EstreamQueue queue, int limit = WidgetPublishLimits.MaxPublishers) : IDisposable
{
    private readonly QueueTailer _tailer = queue.CreateTailer();
    private readonly Dictionary<Hash32, RegisteredKey> _keys = [];
    private string? _fault;

    /// <summary>Reads the messages appended since the last call.</summary>
    /// <exception cref="EstreamFormatException">A message cannot be read, or there are too many keys. All later calls throw too, because
    /// the message may revoke a key.</exception>
    public void Advance()
    {
        while (_fault is null && _tailer.TryRead(out QueueMessage message))
        {
            if (PublisherIdentity.View.TryOf(message.Payload, out PublisherIdentity.View identity))
            {
                _fault = PublisherIdentity.Validate(message.Payload).IsOk ? Take(in identity)
                    : string.Create(CultureInfo.InvariantCulture,
                        $"The PublisherIdentity at position {message.Position} of {queue.Directory} is damaged, so its key is "
                        + $"unknown and nothing is decided. Have the circuit read another queue that holds the valid identities.");
            }
        }

        if (_fault is not null)
        {
            throw new EstreamFormatException(_fault, queue.Directory);
        }
    }

    /// <summary>Returns a key by its id; null if it is not registered or was revoked.</summary>
    public RegisteredKey? Find(ReadOnlySpan<byte> id) => _keys.GetValueOrDefault(Hash32.Of(id));

    /// <summary>Closes the tailer of the queue.</summary>
    public void Dispose() => _tailer.Dispose();

    private string? Take(in PublisherIdentity.View identity)
    {
        Hash32 id = Hash32.Of(identity.PublisherId);
        Span<byte> hash = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash(identity.PublicKey, hash);

        // An id that is not the hash of its key is not valid.
        if (identity.Revoked || identity.PublicKey.Length != MlDsa87.PublicKeyBytes || !hash.SequenceEqual(identity.PublisherId))
        {
            _ = _keys.Remove(id);
            return null;
        }

        _keys[id] = new RegisteredKey(identity.Role, Encoding.UTF8.GetString(identity.Scope), identity.PublicKey.ToArray());
        return _keys.Count <= limit
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{queue.Directory} registers more than {limit} keys, so nothing is decided. Have the circuit read another queue without "
                + $"the unused keys.");
    }
}

/// <summary>32 bytes as a dictionary key.</summary>
internal readonly record struct Hash32(UInt128 First, UInt128 Second)
{
    public static Hash32 Of(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));
}
