using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>The client side of one SCRAM-SHA-256 exchange. Overwrites the password after computing the proof. Not thread-safe.</summary>
/// <param name="user">The user name.</param>
/// <param name="password">The password of the user.</param>
/// <param name="nonce">The client's part of the nonce; random except in tests.</param>
internal sealed class ScramClient(string user, byte[] password, string nonce)
{
    private const string Header = "n,,";

    private byte[]? _expected;

    private string Bare =>
        $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    /// <summary>Returns the first message of the exchange.</summary>
    public byte[] First()
    {
        return Encoding.UTF8.GetBytes(Header + Bare);
    }

    /// <summary>Answers the server's challenge.</summary>
    /// <returns>The client's proof; null if the challenge is malformed or its iteration count is out of range.</returns>
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

    /// <summary>Whether the server's signature proves that the server knows the user's credentials.</summary>
    public bool IsRight(ReadOnlySpan<byte> serverFinal)
    {
        return _expected is not null && Scram.TextOf(serverFinal) is { } text
            && Scram.BytesOf(Scram.ValueOf(text.Split(',')[0], 'v')) is { } proof
            && CryptographicOperations.FixedTimeEquals(proof, _expected);
    }
}
