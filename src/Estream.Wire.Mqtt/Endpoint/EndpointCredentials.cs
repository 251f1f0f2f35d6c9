using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What the files of an endpoint said about users, rights and certificates when they were read. Immutable and
/// thread-safe.</summary>
/// <param name="Passwords">The users with passwords; null without a file.</param>
/// <param name="Scram">The users of SCRAM-SHA-256; null where it is not offered.</param>
/// <param name="Access">Who may do what; null where subscribers are not served.</param>
/// <param name="Tls">Certificates; null without TLS.</param>
internal sealed record EndpointCredentials(MqttPasswordFile? Passwords, MqttScramFile? Scram, AccessFile? Access, ServerTlsFiles? Tls)
{
    /// <summary>For the handshake; null without TLS.</summary>
    public SslServerAuthenticationOptions? TlsOptions => Tls?.Options;

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="before">What they said before; null at first.</param>
    /// <exception cref="WireConfigurationException">One is missing or not what it should be.</exception>
    public static EndpointCredentials Load(MqttEndpointOptions options, EndpointCredentials? before)
    {
        MqttPasswordFile? passwords = options.PasswordFile is null ? null : MqttPasswordFile.Load(options.PasswordFile);
        if (before?.Passwords is { } earlier)
        {
            passwords?.RememberFrom(earlier);
        }

        return new EndpointCredentials(
            passwords,
            options.ScramFile is null ? null : MqttScramFile.Load(options.ScramFile),
            options.AclFile is null ? null : AccessFile.Load(options.AclFile),
            options.Tls?.Load());
    }

    /// <summary>All files that the options name.</summary>
    public static IEnumerable<string?> FilesOf(MqttEndpointOptions options) =>
        [options.PasswordFile, options.ScramFile, options.AclFile, .. options.Tls?.Files ?? []];

    /// <summary>Whether a client proves a user at all.</summary>
    public bool HasUsers => Passwords is not null || Scram is not null;

    /// <summary>Whether there is a user of this name, whatever proves it.</summary>
    public bool HasUser(string user) => Passwords?.Has(user) == true || Scram?.Has(user) == true;

    /// <summary>Why a client that was let in by other credentials may not stay; null if it may.</summary>
    /// <param name="before">The credentials that let it in.</param>
    /// <param name="user">Its user; null if nothing proved one.</param>
    /// <param name="isScram">Whether SCRAM proved it.</param>
    /// <param name="certificate">The certificate that it has shown.</param>
    public string? WhyNot(EndpointCredentials before, string? user, bool isScram, X509Certificate? certificate)
    {
        if (Tls?.IsRevoked(certificate) == true)
        {
            return "its certificate was revoked";
        }

        bool isSame = user is null || (isScram ? Scram?.HasSame(before.Scram, user) : Passwords?.HasSame(before.Passwords, user)) == true;
        return isSame ? null : HasUser(user!) ? "the password of its user was changed" : "its user was removed";
    }
}
