using Estream.Wire;
using Estream.Wire.Settings;

namespace Estream.Host.Configuration;

/// <summary>The accepted keys of <c>Tls</c>, which the adapters share.</summary>
internal static class TlsSettingSchemas
{
    /// <summary>The keys of an adapter that accepts connections.</summary>
    public static ObjectSchema Server { get; } = DeclaredSettings.Of(SettingGroup.Of<WireServerTlsOptions>());

    /// <summary>The keys of an adapter that serves listed peers.</summary>
    /// <param name="allowed">The key of what a peer may do.</param>
    public static ListSchema Peers(string allowed) => new("peer", new ObjectSchema(
        Setting.Required("CertificateName", TextSchema.Any),
        new Setting(allowed, new ListSchema("entry", TextSchema.Any))), 10_000);

    /// <summary>The keys of an adapter that connects.</summary>
    public static ObjectSchema Client { get; } = DeclaredSettings.Of(SettingGroup.Of<WireTlsOptions>());

    /// <summary>Returns the keys of an adapter that connects and checks the text of a pin at once.</summary>
    public static ObjectSchema ClientWith(TextSchema pin) =>
        new([.. Client.Settings.Select(one => one.Key == "PinnedCertificateSha256" ? one with { Shape = pin } : one)]);
}
