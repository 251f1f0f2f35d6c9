namespace Estream.Wire.Fix.Internal;

/// <summary>The translator of one mapping. What it said last is kept for the thread that asked, which tells its counterparty.</summary>
internal sealed class FixPayload(FixTranslator translator) : IPayloadTranslator
{
    [ThreadStatic]
    private static TranslateStatus t_last;

    private readonly Lock _gate = new();

    /// <summary>What came of the last translation on this thread.</summary>
    public static TranslateStatus Last => t_last;

    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_gate)
        {
            t_last = translator.ToEsf(message.Payload, destination, out length);
        }

        return t_last;
    }
}
