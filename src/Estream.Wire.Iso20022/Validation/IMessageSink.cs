using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>Takes the elements of a message, without those of its header, as they are found where the schema has them. What is wrong is
/// said elsewhere, and what comes until then is to be thrown away.</summary>
internal interface IMessageSink
{
    /// <summary>Who takes a message, from its root element to the end.</summary>
    IMessageSink TakerOf(MessageSchema schema) => this;

    /// <summary>The root element begins.</summary>
    void BeginMessage(MessageSchema schema);

    /// <summary>An element in the open one begins.</summary>
    /// <param name="place">Its place among the elements of the type of the open one.</param>
    void Begin(int place);

    /// <summary>The open element has an attribute. There is one at most in all messages: the currency of an amount.</summary>
    void Attribute(ReadOnlySpan<byte> value);

    /// <summary>The open element ends.</summary>
    /// <param name="value">Its text, where it has text.</param>
    void End(ReadOnlySpan<byte> value);

    /// <summary>An element in the open one that has text alone begins and ends.</summary>
    /// <param name="place">Its place among the elements of the type of the open one.</param>
    /// <param name="attribute">Its attribute; empty where it has none.</param>
    /// <param name="value">Its text.</param>
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
