using Estream.Esf;

namespace Estream.Wire;

/// <summary>The pivot between all protocols: bytes with the schema that explains them. A view, valid for as long as the bytes.</summary>
public readonly ref struct EsfMessage
{
    /// <summary>Creates the view.</summary>
    /// <param name="schema">The schema the message is read by: that of its header, or another version of it.</param>
    /// <param name="bytes">The whole message, header first.</param>
    public EsfMessage(EsfSchema schema, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Schema = schema;
        Bytes = bytes;
        Position = -1;
    }

    /// <summary>The schema the message is read by. Where the message is of another version, <see cref="EsfValidator"/> says whether it can
    /// be.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The whole message, header first.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Where the message stands in the queue it is from: with each message more, also after a restart. -1 where it is from
    /// none.</summary>
    public long Position { get; init; }

    /// <summary>Finds the schema of a message by its header: its own, or the version of it that the set has.</summary>
    /// <returns>False when the bytes are no message of a schema of the set.</returns>
    public static bool TryCreate(EsfSchemaSet schemas, ReadOnlySpan<byte> bytes, out EsfMessage message)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        bool isKnown = schemas.TryGet(bytes, out EsfSchema? schema);
        message = isKnown ? new EsfMessage(schema!, bytes) : default;
        return isKnown;
    }
}
