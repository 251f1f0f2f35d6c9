using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Security;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Client;

/// <summary>Writes the identity of the user into ActivateSession (Part 4, 7.41).</summary>
internal static class UserIdentity
{
    /// <summary>Writes the token of the user and its signature.</summary>
    /// <exception cref="WireConnectionException">The endpoint does not accept this kind of user, or a password would be readable on the
    /// network.</exception>
    public static void Write(
        UaWriter request, OpcUaClientOptions options, Endpoint endpoint, EndpointUrl url, ChannelSecurity security,
        ReadOnlySpan<byte> serverNonce)
    {
        int type = options.User is not null ? UserTokenPolicy.UserName
            : options.UserCertificateFile is not null ? UserTokenPolicy.Certificate : UserTokenPolicy.Anonymous;
        UserTokenPolicy policy = endpoint.UserTokens.FirstOrDefault(one => one.TokenType == type
                && (string.IsNullOrEmpty(one.SecurityPolicyUri) || PolicyAlgorithms.OfUri(one.SecurityPolicyUri) is not null))
            ?? throw new WireConnectionException(
                $"{url.Text} accepts no {Name(type)} at this endpoint. Choose another user or security policy.", isTransient: true);
        PolicyAlgorithms algorithms = string.IsNullOrEmpty(policy.SecurityPolicyUri)
            ? security.Algorithms : PolicyAlgorithms.OfUri(policy.SecurityPolicyUri)!;
        switch (type)
        {
            case UserTokenPolicy.UserName:
                WritePassword(request, options, policy, endpoint, url, security, algorithms, serverNonce);
                WriteSignature(request, null, default);
                break;
            case UserTokenPolicy.Certificate:
                WriteCertificate(request, options, policy, endpoint, algorithms, serverNonce);
                break;
            default:
                int start = request.BeginStructure(TypeNumbers.AnonymousIdentityToken);
                request.Text(policy.PolicyId);
                request.EndStructure(start);
                WriteSignature(request, null, default);
                break;
        }
    }

    /// <summary>Writes a SignatureData (Part 4, 7.37).</summary>
    public static void WriteSignature(UaWriter request, string? algorithm, ReadOnlySpan<byte> signature)
    {
        request.Text(algorithm);
        request.Bytes(signature);
    }

    private static void WritePassword(
        UaWriter request, OpcUaClientOptions options, UserTokenPolicy policy, Endpoint endpoint, EndpointUrl url,
        ChannelSecurity security, PolicyAlgorithms algorithms, ReadOnlySpan<byte> serverNonce)
    {
        // Without security the certificate of the server was not checked, so an attacker could read what is encrypted for it.
        bool isReadable = security.IsNone || (algorithms.IsNone && security.Mode != UaSecurityMode.SignAndEncrypt);
        if (isReadable && !SubjectNames.IsLoopback(url.Host))
        {
            throw new WireConnectionException(
                $"A password for {url.Text} would be readable on the network. Choose a security policy other than None and mode "
                + "SignAndEncrypt.", isTransient: false);
        }

        byte[] password = options.Password?.Read() ?? [];
        try
        {
            int start = request.BeginStructure(TypeNumbers.UserNameIdentityToken);
            request.Text(policy.PolicyId);
            request.Text(options.User);
            if (algorithms.IsNone)
            {
                request.Text(password);
                request.Text((string?)null);
            }
            else
            {
                request.Bytes(Encrypt(password, serverNonce, algorithms, endpoint, url));
                request.Text(algorithms.EncryptionUri);
            }

            request.EndStructure(start);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    /// <summary>Encrypts a secret with the last nonce of the server (Part 4, 7.41.2.2).</summary>
    private static byte[] Encrypt(
        byte[] password, ReadOnlySpan<byte> serverNonce, PolicyAlgorithms algorithms, Endpoint endpoint, EndpointUrl url)
    {
        byte[] plain = new byte[sizeof(int) + password.Length + serverNonce.Length];
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(endpoint.Certificate);
            BitConverter.TryWriteBytes(plain, password.Length + serverNonce.Length);
            password.CopyTo(plain, sizeof(int));
            serverNonce.CopyTo(plain.AsSpan(sizeof(int) + password.Length));
            return new ChannelSecurity(algorithms, UaSecurityMode.SignAndEncrypt, null, certificate).Encrypt(plain);
        }
        catch (CryptographicException failure)
        {
            throw new WireConnectionException(
                $"{url.Text} wants an encrypted password, and its certificate cannot be used: {failure.Message}", isTransient: true,
                failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static void WriteCertificate(
        UaWriter request, OpcUaClientOptions options, UserTokenPolicy policy, Endpoint endpoint, PolicyAlgorithms algorithms,
        ReadOnlySpan<byte> serverNonce)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(options.UserCertificateFile!, options.UserKeyFile);
            int start = request.BeginStructure(TypeNumbers.X509IdentityToken);
            request.Text(policy.PolicyId);
            request.Bytes(certificate.RawDataMemory.Span);
            request.EndStructure(start);
            if (algorithms.IsNone)
            {
                WriteSignature(request, null, default);
                return;
            }

            ChannelSecurity user = new(algorithms, UaSecurityMode.Sign, certificate, null);
            WriteSignature(request, algorithms.SignatureUri, user.Sign([.. endpoint.Certificate, .. serverNonce]));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WireConfigurationException(
                "User:CertificateFile", $"the certificate or key of the user cannot be used: {failure.Message}", failure);
        }
    }

    private static string Name(int type) => type switch
    {
        UserTokenPolicy.UserName => "user with a password",
        UserTokenPolicy.Certificate => "user with a certificate",
        _ => "anonymous user",
    };
}
