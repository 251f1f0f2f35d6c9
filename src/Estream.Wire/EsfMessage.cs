using Estream.Esf;

namespace Estream.Wire;

/// <summary>A message with its schema: the common form of all protocols. A view, valid as long as the bytes.</summary>
public readonly ref struct EsfMessage
{
    /// <summary>Creates the view.</summary>
    /// <param name="schema">The schema to read the message with: the version that the message header names, or another version of the same
    /// schema.</param>
    /// <param name="bytes">The whole message, including the header.</param>
    public EsfMessage(EsfSchema schema, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Schema = schema;
        Bytes = bytes;
        Position = -1;
    }

    /// <summary>The schema to read the message with. <see cref="EsfValidator"/> checks whether a message of another version is
    /// compatible.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The whole message, including the header.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The position of the message in its queue, increasing also across restarts. -1 if the message is not from a queue.</summary>
    public long Position { get; init; }

    /// <summary>Finds the schema of a message by its header: the version that the header names or, if the set does not contain it, the
    /// version of that schema in the set.</summary>
    /// <returns>False if the bytes are not a message of a schema of the set.</returns>
    public static bool TryCreate(EsfSchemaSet schemas, ReadOnlySpan<byte> bytes, out EsfMessage message)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        bool isKnown = schemas.TryGet(bytes, out EsfSchema? schema);
        message = isKnown ? new EsfMessage(schema!, bytes) : default;
        return isKnown;
    }
}
