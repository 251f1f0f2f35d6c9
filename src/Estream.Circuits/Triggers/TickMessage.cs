using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Streams;

namespace Estream.Circuits.Triggers;

/// <summary>The message that a timer writes at a due time: <c>estream.system.TimerTick</c>.</summary>
internal static class TickMessage
{
    private const string Name = "estream.system.TimerTick";

    public static EsfSchema Schema { get; } = EsfSchemaSet.BuiltIn.TryGet(Name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException($"The built-in schema {Name} is missing.");

    /// <summary>The length of a tick message.</summary>
    public static int Length { get; } = RecordLayout.OfMessage(Schema.Definition.Record).FixedLength;

    private static readonly EsfField s_at = FieldOf("at");
    private static readonly EsfField s_number = FieldOf("number");
    private static readonly EsfField s_missed = FieldOf("missed");

    /// <summary>Writes a tick message.</summary>
    /// <param name="at">The due time, in nanoseconds since 1970 UTC.</param>
    /// <param name="number">The sequence number of the tick in its queue.</param>
    /// <param name="missed">The number of due times between the previous tick and this tick that have no tick.</param>
    /// <param name="place">The destination, <see cref="Length"/> bytes.</param>
    public static void Write(long at, long number, long missed, Span<byte> place)
    {
        EsfMessageBuilder tick = EsfMessageBuilder.Begin(Schema, place);
        if (!tick.TrySet(s_at, (Int128)at) || !tick.TrySet(s_number, (Int128)number) || !tick.TrySet(s_missed, (Int128)missed)
            || !tick.TryFinish(out _))
        {
            throw new InvalidOperationException($"{Name} must have a time, two non-negative numbers and no other field.");
        }
    }

    /// <summary>Reads the due time of a tick message; returns false for any other message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out long at) => s_at.TryGetInt64(message, out at) && EventTime.IsGood(at);

    private static EsfField FieldOf(string name) => Schema.Fields.First(field => field.Name == name);
}
