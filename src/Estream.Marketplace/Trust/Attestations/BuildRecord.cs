namespace Estream.Marketplace.Attestations;

/// <summary>How a package was built: what an attestation of its build says.</summary>
/// <param name="ToolVersion">The version of the tool that packed it.</param>
/// <param name="Inputs">What it was made of besides the files that are in it, such as a repository at a commit or an image with
/// compilers.</param>
public sealed record BuildRecord(string ToolVersion, IReadOnlyList<BuildInput> Inputs);

/// <summary>Something a package was built from.</summary>
/// <param name="Uri">Where it is, such as <c>git+https://…</c>.</param>
/// <param name="Algorithm">What its digest is, by the names of in-toto: <c>gitCommit</c>, <c>sha256</c>.</param>
/// <param name="Digest">The digest in hexadecimal digits.</param>
public sealed record BuildInput(string Uri, string Algorithm, string Digest);
