namespace Estream.Host.Configuration;

/// <summary>The accepted keys of <c>Tls</c>, which the adapters share.</summary>
internal static class TlsSettingSchemas
{
    /// <summary>The keys of an adapter that accepts connections.</summary>
    public static ObjectSchema Server { get; } = new(
        Setting.Required("CertificateFile", TextSchema.Path),
        new Setting("KeyFile", TextSchema.Path),
        new Setting("ClientCaFile", TextSchema.Path),
        new Setting("ClientCrlFile", TextSchema.Path),
        new Setting("ClientPins", new ListSchema("pin", TextSchema.Any)));

    /// <summary>The keys of an adapter that serves listed peers.</summary>
    /// <param name="allowed">The key of what a peer may do.</param>
    public static ListSchema Peers(string allowed) => new("peer", new ObjectSchema(
        Setting.Required("CertificateName", TextSchema.Any),
        new Setting(allowed, new ListSchema("entry", TextSchema.Any))), 10_000);

    /// <summary>The keys of an adapter that connects.</summary>
    public static ObjectSchema Client { get; } = ClientWith(TextSchema.Any);

    /// <summary>Returns the keys of an adapter that connects and checks the text of a pin at once.</summary>
    public static ObjectSchema ClientWith(TextSchema pin) => new(
        new Setting("CaFile", TextSchema.Path),
        new Setting("ServerName", TextSchema.Any),
        new Setting("PinnedCertificateSha256", pin),
        new Setting("Pins", new ListSchema("pin", TextSchema.Any)),
        new Setting("CertificateFile", TextSchema.Path),
        new Setting("KeyFile", TextSchema.Path));
}
