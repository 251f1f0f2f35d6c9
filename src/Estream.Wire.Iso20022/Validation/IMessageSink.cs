using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>Receives the elements of a message, without its header, as far as they match the schema. Errors are reported elsewhere; after
/// an error the receiver must discard all elements of the message.</summary>
internal interface IMessageSink
{
    /// <summary>Returns the sink for a message, from its root element to its end.</summary>
    IMessageSink TakerOf(MessageSchema schema) => this;

    /// <summary>Called at the start of the root element.</summary>
    void BeginMessage(MessageSchema schema);

    /// <summary>Called at the start of a child element.</summary>
    /// <param name="place">The index of the element among the elements of the parent's type.</param>
    void Begin(int place);

    /// <summary>Called for the attribute of the open element. All messages have at most one attribute: the currency of an amount.</summary>
    void Attribute(ReadOnlySpan<byte> value);

    /// <summary>Called at the end of the open element.</summary>
    /// <param name="value">The text of the element, if the element has text.</param>
    void End(ReadOnlySpan<byte> value);

    /// <summary>Called for a complete child element that contains only text.</summary>
    /// <param name="place">The index of the element among the elements of the parent's type.</param>
    /// <param name="attribute">The value of the attribute of the element; empty if the element has no attribute.</param>
    /// <param name="value">The text of the element.</param>
    void Element(int place, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        Begin(place);
        if (!attribute.IsEmpty)
        {
            Attribute(attribute);
        }

        End(value);
    }
}
