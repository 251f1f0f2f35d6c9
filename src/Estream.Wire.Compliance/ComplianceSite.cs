namespace Estream.Wire.Compliance;

/// <summary>Where one check takes place. Each has a site of its own, so that checks can run beside each other.</summary>
/// <param name="Port">A TCP port of 127.0.0.1: an adapter that listens listens there, a peer of one that dials listens there.</param>
/// <param name="Folder">An empty folder for files that settings name; it is removed afterwards.</param>
/// <param name="Secret">A password nobody else has: give it to adapter and peer where the protocol has one, through a file in
/// <paramref name="Folder"/>.</param>
public sealed record ComplianceSite(int Port, string Folder, string Secret);
