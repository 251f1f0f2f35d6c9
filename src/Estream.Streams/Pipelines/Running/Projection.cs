using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A field, and the expression for its value.</summary>
internal sealed record Assignment(EsfField Field, EsfExpression Value)
{
    /// <summary>Sets the field.</summary>
    /// <returns>False if a required value is absent, or the value does not fit.</returns>
    public bool TrySet(ref EsfMessageBuilder builder, ReadOnlySpan<byte> message, ReadOnlySpan<byte> other) => Value.Kind switch
    {
        EsfValueKind.Boolean => Value.TryGetBoolean(message, out bool truth, other) ? builder.TrySet(Field, truth) : Field.IsOptional,
        EsfValueKind.Number => Value.TryGetNumber(message, out double number, other) ? builder.TrySet(Field, number) : Field.IsOptional,
        EsfValueKind.Integer or EsfValueKind.Enum => Value.TryGetInteger(message, out Int128 whole, other)
            ? builder.TrySet(Field, whole)
            : Field.IsOptional,
        _ => Value.TryGetBytes(message, out ReadOnlySpan<byte> bytes, other) ? builder.TrySet(Field, bytes) : Field.IsOptional,
    };
}

/// <summary>Creates a message of one schema from a message of another, and optionally a second one. Immutable.</summary>
/// <param name="target">The schema of the created message.</param>
/// <param name="widening">The widening that starts the message with the fields of the first one; null if it starts empty.</param>
/// <param name="assignments">The fields to set, in schema order.</param>
internal sealed class Projection(EsfSchema target, EsfWidening? widening, IReadOnlyList<Assignment> assignments)
{
    private readonly Assignment[] _assignments = [.. assignments];
    private readonly int _least = RecordLayout.OfMessage(target.Definition.Record).FixedLength;
    private readonly string[] _reasons =
    [
        .. assignments.Select(assignment =>
            $"the field '{assignment.Field.Name}' of {target} gets no value that fits from '{assignment.Value.Text}'"),
        $"the message of {target} would be longer than the pipeline's max_bytes",
    ];

    private readonly string _notWidened =
        $"the message is damaged, sealed, or contains data of another version of its schema, and cannot be converted to {target}";

    private readonly (EsfField Field, string Reason)[] _cards =
    [
        .. assignments.Where(assignment => assignment.Field.IsTokenized)
            .Select(assignment =>
                (assignment.Field,
                    $"the field '{assignment.Field.Name}' of {target} gets neither the number of a card nor a token of the vault from "
                    + $"'{assignment.Value.Text}'")),
    ];

    public EsfSchema Target => target;

    // A message of an earlier schema version has a shorter fixed block, and grows by more.
    private int WidenedLength(ReadOnlySpan<byte> message) => EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
        ? message.Length - header.FixedLength + _least
        : 0;

    /// <summary>True if the projection sets tokenized fields, which accept only card numbers and their tokens.</summary>
    public bool SetsCards => _cards.Length > 0;

    /// <summary>Checks that the values set in tokenized fields can be stored.</summary>
    /// <returns>The reason if a value cannot be stored; otherwise null.</returns>
    public string? CheckCards(ReadOnlySpan<byte> made, EsfSealer sealer)
    {
        foreach ((EsfField field, string reason) in _cards)
        {
            if (field.TryGetBytes(made, out ReadOnlySpan<byte> text) && !sealer.TakesCard(text))
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>Creates the message.</summary>
    /// <param name="message">The first message.</param>
    /// <param name="other">The second message.</param>
    /// <param name="destination">Receives the created message.</param>
    /// <param name="length">The length of the created message.</param>
    /// <returns>The reason if the message cannot be created; otherwise null.</returns>
    public string? Make(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < Math.Max(_least, widening is null ? 0 : WidenedLength(message)))
        {
            return _reasons[^1];
        }

        EsfMessageBuilder builder;
        try
        {
            builder = widening is null
                ? EsfMessageBuilder.Begin(target, destination)
                : EsfMessageBuilder.Begin(widening, message, destination);
        }
        catch (EstreamException)
        {
            return _notWidened;
        }

        for (int i = 0; i < _assignments.Length; i++)
        {
            if (!_assignments[i].TrySet(ref builder, message, other))
            {
                return _reasons[i];
            }
        }

        // Cannot fail: that all required fields are set was checked when the pipeline was loaded.
        _ = builder.TryFinish(out ReadOnlySpan<byte> made);
        length = made.Length;
        return null;
    }
}
