using Estream.Wire.Hl7;

namespace Estream.Host;

/// <summary>Adds HL7 v2 to a host.</summary>
public static class EstreamBuilderHl7
{
    /// <summary>Adds the adapter types <c>hl7-listener</c>, which stores messages of hospital systems, and <c>hl7-client</c>, which sends
    /// stored messages. The schemas of their messages are <see cref="Hl7Schemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddHl7(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new Hl7ListenerFactory()).AddAdapterType(new Hl7SenderFactory());
    }
}
