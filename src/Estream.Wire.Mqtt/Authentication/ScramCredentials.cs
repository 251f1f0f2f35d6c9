namespace Estream.Wire.Mqtt.Internal.Authentication;

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
