namespace Estream.Marketplace.Attestations;

/// <summary>Why bytes are no attestation of a package.</summary>
public enum PackageAttestationFault
{
    /// <summary>Nothing: it is one.</summary>
    None,

    /// <summary>It is no JSON in UTF-8, or a name stands twice in an object, or it is too long or nested too deep.</summary>
    NotJson,

    /// <summary>It is no statement of in-toto, version 1, with one subject and a predicate.</summary>
    NotAStatement,

    /// <summary>It is about something else than this package.</summary>
    OtherSubject,

    /// <summary>It is about golden vectors, and what it says of them is not whole, contradicts itself, or is about other files than the
    /// package has.</summary>
    OtherVectors,
}

/// <summary>What an attestation says, once it is known to be about a package. Who says so is another question.</summary>
/// <param name="PredicateType">What kind of statement it is: a URI, such as <see cref="AttestationWriter.BuildType"/>.</param>
/// <param name="Subject">What the package is called in it.</param>
/// <param name="HasPassed">Of a statement about golden vectors: whether there were any, and all passed. Otherwise null.</param>
/// <param name="Passed">The vectors that passed, by file and name.</param>
/// <param name="Failed">Those that did not.</param>
public sealed record PackageAttestation(string PredicateType, string Subject, bool? HasPassed, IReadOnlyList<string> Passed, IReadOnlyList<string> Failed);
