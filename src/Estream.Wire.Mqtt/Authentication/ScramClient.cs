using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>One exchange of SCRAM-SHA-256 as the client has it. The password is overwritten when its proof is made. Not
/// thread-safe.</summary>
/// <param name="user">Who we are.</param>
/// <param name="password">Our password.</param>
/// <param name="nonce">Our half of the nonce: random, but for tests.</param>
internal sealed class ScramClient(string user, byte[] password, string nonce)
{
    private const string Header = "n,,";

    private byte[]? _expected;

    private string Bare =>
        $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    /// <summary>What the exchange begins with.</summary>
    public byte[] First()
    {
        return Encoding.UTF8.GetBytes(Header + Bare);
    }

    /// <summary>Answers the challenge.</summary>
    /// <returns>Our proof; null where the challenge is not of the form, or asks for less or more work than is right.</returns>
    public byte[]? Answer(ReadOnlySpan<byte> challenge)
    {
        string? text = Scram.TextOf(challenge);
        string[] attributes = text?.Split(',') ?? [];
        if (_expected is not null || attributes.Length < 3 || Scram.ValueOf(attributes[0], 'r') is not { } both || !Scram.IsNonce(both)
            || both.Length <= nonce.Length
            || !both.StartsWith(nonce, StringComparison.Ordinal)
            || Scram.BytesOf(Scram.ValueOf(attributes[1], 's')) is not { Length: > 0 } salt
            || !int.TryParse(Scram.ValueOf(attributes[2], 'i'), NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations is < Scram.MinIterations or > Scram.MaxIterations)
        {
            return null;
        }

        string final = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Header))},r={both}";
        string message = $"{Bare},{text},{final}";
        byte[] salted = Scram.SaltedPassword(password, salt, iterations);
        byte[] key = Scram.ClientKey(salted);
        _expected = Scram.Sign(Scram.ServerKey(salted), message);
        Scram.Combine(key, Scram.Sign(SHA256.HashData(key), message));
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(password);
        return Encoding.UTF8.GetBytes($"{final},p={Convert.ToBase64String(key)}");
    }

    /// <summary>Whether the server has proven that it knows the user as well.</summary>
    public bool IsRight(ReadOnlySpan<byte> serverFinal)
    {
        return _expected is not null && Scram.TextOf(serverFinal) is { } text
            && Scram.BytesOf(Scram.ValueOf(text.Split(',')[0], 'v')) is { } proof
            && CryptographicOperations.FixedTimeEquals(proof, _expected);
    }
}
