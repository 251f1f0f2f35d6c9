using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Operations.Compaction;

/// <summary>The keys of the messages of a queue, for compaction by key.</summary>
/// <param name="Schema">The type of all messages of the queue.</param>
/// <param name="Key">Computes the key of a message.</param>
/// <param name="Deleted">True for a tombstone, whose key can be forgotten; null if no message is a tombstone.</param>
/// <param name="DeleteRetention">How long a tombstone is kept.</param>
internal sealed record CompactionRule(EsfSchema Schema, EsfExpression Key, EsfExpression? Deleted, TimeSpan DeleteRetention)
{
    /// <summary>Computes the key of a message.</summary>
    /// <returns>False if the message has another type, or no key.</returns>
    public bool TryGetKey(ReadOnlySpan<byte> message, out Utf8Key64 key)
    {
        key = default;
        return EsfMessageHeader.TryRead(message, out EsfMessageHeader header) && header.SchemaId == Schema.Id
            && KeyText.TryGet(Key, message, out key);
    }

    public bool IsDeleted(ReadOnlySpan<byte> message) => Deleted?.IsTrue(message, message) == true;
}
