using Estream.Esf;

namespace Estream.Wire.Iso20022.Circuits;

/// <summary>Reads documents from messages of a type. The documents are sealed for audiences, or plaintext.</summary>
internal sealed class DocumentSource : IDisposable
{
    private readonly EsfField _field;
    private readonly EsfUnsealer? _unsealer;

    /// <summary>Creates a source.</summary>
    /// <param name="schema">The type.</param>
    /// <param name="field">The field with the document.</param>
    /// <param name="keys">Keys of an audience; null if there are none.</param>
    public DocumentSource(EsfSchema schema, string field, EsfKeyRing? keys)
    {
        _field = schema.TryGetField(field, out EsfField? found)
            ? found
            : throw new ArgumentException($"{schema} has no '{field}'.", nameof(field));
        _unsealer = keys is null ? null : new EsfUnsealer(schema, keys);
    }

    /// <summary>Reads the document of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="document">The document; valid until the next call.</param>
    /// <returns>False if the document is damaged, or sealed without a matching key.</returns>
    public bool TryRead(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> document)
    {
        ReadOnlySpan<byte> clear = message;
        document = default;
        return (_unsealer is null || _unsealer.Open(message, out clear, out _).IsOk) && _field.TryGetBytes(clear, out document);
    }

    /// <inheritdoc/>
    public void Dispose() => _unsealer?.Dispose();
}
