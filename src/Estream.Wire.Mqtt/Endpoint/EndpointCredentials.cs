using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The users, rights and certificates of an endpoint as read from its files. Immutable and thread-safe.</summary>
/// <param name="Passwords">The users with passwords; null without a file.</param>
/// <param name="Scram">The users of SCRAM-SHA-256; null without a file.</param>
/// <param name="Access">The access rights; null if subscribers are not served.</param>
/// <param name="Tls">The certificates; null without TLS.</param>
internal sealed record EndpointCredentials(MqttPasswordFile? Passwords, MqttScramFile? Scram, AccessFile? Access, ServerTlsFiles? Tls)
{
    /// <summary>The options for the TLS handshake; null without TLS.</summary>
    public SslServerAuthenticationOptions? TlsOptions => Tls?.Options;

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="before">The credentials read before; null on the first read.</param>
    /// <exception cref="WireConfigurationException">A file is missing or not valid.</exception>
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

    /// <summary>Whether clients authenticate as users.</summary>
    public bool HasUsers => Passwords is not null || Scram is not null;

    /// <summary>Whether a user of this name exists, with a password or with SCRAM.</summary>
    public bool HasUser(string user) => Passwords?.Has(user) == true || Scram?.Has(user) == true;

    /// <summary>Returns why a client that was accepted with earlier credentials must be disconnected; null if it may stay.</summary>
    /// <param name="before">The credentials with which the client was accepted.</param>
    /// <param name="user">The authenticated user; null for none.</param>
    /// <param name="isScram">Whether the user authenticated with SCRAM.</param>
    /// <param name="certificate">The client's certificate.</param>
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
