using Estream.Wire.Settings;

namespace Estream.Wire;

/// <summary>The settings of <see cref="WireTlsOptions"/>, with a separate key for the pin of a certificate.</summary>
internal sealed record ClientTlsSettings : ISettingSource<WireTlsOptions>
{
    [Setting("PEM file with the trusted authorities", Text = SettingText.Path, Default = "the machine's")]
    public string? CaFile { get; init; }

    [Setting("name in the certificate", Default = "`Host`")]
    public string? ServerName { get; init; }

    [Setting("SHA-256 of the only accepted certificate: 64 hexadecimal digits")]
    public WirePin? PinnedCertificateSha256 { get; init; }

    [Setting("the only accepted certificates or keys", Entry = "pin")]
    public IReadOnlyList<WirePin> Pins { get; init; } = [];

    [Setting("PEM file with the client certificate", Text = SettingText.Path)]
    public string? CertificateFile { get; init; }

    [Setting("PEM file with its private key", Text = SettingText.Path, Default = "in `CertificateFile`")]
    public string? KeyFile { get; init; }

    public WireTlsOptions ToOption() => new()
    {
        CaFile = CaFile,
        ServerName = ServerName,
        Pins = PinnedCertificateSha256 is null ? Pins : [.. Pins, PinnedCertificateSha256],
        CertificateFile = CertificateFile,
        KeyFile = KeyFile,
    };
}
