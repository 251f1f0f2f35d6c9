using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>One exchange of SCRAM-SHA-256 as the server has it. Nothing that is said of the password leaves it. Not thread-safe.</summary>
/// <param name="file">The users.</param>
/// <param name="nonce">Our half of the nonce: random, but for tests.</param>
internal sealed class ScramServer(MqttScramFile file, string nonce)
{
    private ScramCredentials? _credentials;
    private string _header = "";
    private string _nonce = "";
    private string _said = "";

    /// <summary>Who it claims to be; proven when <see cref="Finish"/> has said so.</summary>
    public string User { get; private set; } = "";

    /// <summary>Takes the client's first message.</summary>
    /// <returns>The challenge; null where the message is not of the form.</returns>
    public byte[]? Begin(ReadOnlySpan<byte> clientFirst)
    {
        string? text = Scram.TextOf(clientFirst);
        if (text is null || text.Length < 3 || text[..3] is not ("n,," or "y,,"))
        {
            // Channel binding and identities to act for are not offered.
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

    /// <summary>Takes the client's proof. It is compared in constant time, and for a user nobody knows as for any other.</summary>
    /// <returns>Our own proof; null where the client's is wrong.</returns>
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

        // One challenge, one answer.
        _credentials = null;
        string message = $"{_said},{text[..end]}";
        Scram.Combine(proof, Scram.Sign(credentials.StoredKey, message));
        bool isRight = CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), credentials.StoredKey);
        CryptographicOperations.ZeroMemory(proof);
        return isRight && credentials.IsKnown
            ? Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(Scram.Sign(credentials.ServerKey, message))}")
            : null;
    }

    /// <summary>A comma is written =2C and an equals sign =3D.</summary>
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

/// <summary>What a server keeps of a password: enough to check a proof, and not to make one.</summary>
/// <param name="Iterations">How often the password is hashed.</param>
/// <param name="Salt">With what.</param>
/// <param name="StoredKey">The hash of the client's key.</param>
/// <param name="ServerKey">What the server proves itself with.</param>
/// <param name="IsKnown">Whether there is such a user: for others there is something as well, which no proof fits.</param>
internal sealed record ScramCredentials(int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey, bool IsKnown)
{
    /// <summary>Nothing of it belongs into a log.</summary>
    public override string ToString()
    {
        return "SCRAM-SHA-256";
    }
}
