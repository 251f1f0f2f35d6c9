using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>The server side of one SCRAM-SHA-256 exchange. Exposes nothing about the password. Not thread-safe.</summary>
/// <param name="file">The users and their credentials.</param>
/// <param name="nonce">The server's part of the nonce; random except in tests.</param>
internal sealed class ScramServer(MqttScramFile file, string nonce)
{
    private ScramCredentials? _credentials;
    private string _header = "";
    private string _nonce = "";
    private string _said = "";

    /// <summary>The user name that the client claims; proven only after <see cref="Finish"/> has returned a proof.</summary>
    public string User { get; private set; } = "";

    /// <summary>Reads the client's first message.</summary>
    /// <returns>The challenge; null if the message is malformed.</returns>
    public byte[]? Begin(ReadOnlySpan<byte> clientFirst)
    {
        string? text = Scram.TextOf(clientFirst);
        if (text is null || text.Length < 3 || text[..3] is not ("n,," or "y,,"))
        {
            // Channel binding and authorization identities are not supported.
            return null;
        }

        string bare = text[3..];
        string[] attributes = bare.Split(',');
        if (attributes.Length < 2 || UserOf(Scram.ValueOf(attributes[0], 'n')) is not { } user
            || Scram.ValueOf(attributes[1], 'r') is not { } clientNonce || !Scram.IsNonce(clientNonce))
        {
            return null;
        }

        User = user;
        _credentials = file.Find(user);
        _header = text[..3];
        _nonce = clientNonce + nonce;
        string challenge = string.Create(
            CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_credentials.Salt)},i={_credentials.Iterations}");
        _said = $"{bare},{challenge}";
        return Encoding.UTF8.GetBytes(challenge);
    }

    /// <summary>Checks the client's proof in constant time, whether or not the user exists.</summary>
    /// <returns>The server's signature; null if the client's proof is wrong.</returns>
    public byte[]? Finish(ReadOnlySpan<byte> clientFinal)
    {
        string? text = Scram.TextOf(clientFinal);
        int end = text?.LastIndexOf(",p=", StringComparison.Ordinal) ?? -1;
        if (text is null || end < 0 || _credentials is not { } credentials
            || Scram.BytesOf(text[(end + 3)..]) is not { Length: Scram.HashBytes } proof)
        {
            return null;
        }

        string[] attributes = text[..end].Split(',');
        string binding = Convert.ToBase64String(Encoding.UTF8.GetBytes(_header));
        if (attributes.Length < 2 || Scram.ValueOf(attributes[0], 'c') != binding || Scram.ValueOf(attributes[1], 'r') != _nonce)
        {
            return null;
        }

        // Each challenge accepts one answer only.
        _credentials = null;
        string message = $"{_said},{text[..end]}";
        Scram.Combine(proof, Scram.Sign(credentials.StoredKey, message));
        bool isRight = CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), credentials.StoredKey);
        CryptographicOperations.ZeroMemory(proof);
        return isRight && credentials.IsKnown
            ? Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(Scram.Sign(credentials.ServerKey, message))}")
            : null;
    }

    /// <summary>Decodes a user name, in which =2C means a comma and =3D an equals sign; null if it is not valid.</summary>
    private static string? UserOf(string? escaped)
    {
        if (escaped is null || escaped.Length > ConnectInfo.MaxUserNameBytes)
        {
            return null;
        }

        string user = escaped.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "\0", StringComparison.Ordinal);
        return user.Contains('=', StringComparison.Ordinal) ? null : user.Replace('\0', '=');
    }
}

/// <summary>The stored credentials of a user: enough to check a proof, not enough to create one.</summary>
/// <param name="Iterations">The iteration count of the key derivation.</param>
/// <param name="Salt">The salt of the key derivation.</param>
/// <param name="StoredKey">The hash of the client key.</param>
/// <param name="ServerKey">The key with which the server signs its proof.</param>
/// <param name="IsKnown">Whether the user exists. Unknown users have credentials that no proof matches.</param>
internal sealed record ScramCredentials(int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey, bool IsKnown)
{
    /// <summary>Returns only the name of the algorithm, so that no secret reaches a log.</summary>
    public override string ToString()
    {
        return "SCRAM-SHA-256";
    }
}
