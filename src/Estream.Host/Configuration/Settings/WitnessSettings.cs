namespace Estream.Host.Configuration;

/// <summary>How a queue is witnessed. Paths are absolute; null stands for the library's defaults.</summary>
/// <param name="KeyFile">The key that signs.</param>
/// <param name="EarlierKeys">Public keys that earlier attestations may be signed with.</param>
/// <param name="MaxMessages">After how many messages an attestation is made at the latest.</param>
/// <param name="MaxDelayMs">How long a message waits for its attestation at most.</param>
/// <param name="IsDurable">Whether messages are on the device before they are attested.</param>
internal sealed record WitnessSettings(string KeyFile, IReadOnlyList<string> EarlierKeys, int? MaxMessages = null, int? MaxDelayMs = null, bool IsDurable = false);
