using System.Globalization;

namespace Estream.Esf;

/// <summary>The outcomes of <see cref="EsfTrustedKeys.Check"/>.</summary>
public enum EsfSignatureOutcome
{
    /// <summary>A trusted key signed exactly these bytes.</summary>
    Valid,

    /// <summary>The bytes are not a valid stored message of the schema.</summary>
    InvalidMessage,

    /// <summary>The signature field is absent or empty.</summary>
    NotSigned,

    /// <summary>The signature field does not have the length of a signature.</summary>
    WrongLength,

    /// <summary>None of the keys made the signature: the message or signature was changed, or the signer's key is not in the
    /// file.</summary>
    NoTrustedKey,

    /// <summary>The key that made the signature is not valid yet.</summary>
    NotYetValid,

    /// <summary>The key that made the signature was revoked.</summary>
    Revoked,
}

/// <summary>The result of checking a signature against trusted keys. Creating it allocates nothing; <see cref="ToString"/>
/// does.</summary>
public readonly struct EsfSignatureCheck
{
    internal EsfSignatureCheck(EsfSignatureOutcome outcome, EsfTrustedKey? key = null) => (Outcome, Key) = (outcome, key);

    /// <summary>The outcome.</summary>
    public EsfSignatureOutcome Outcome { get; }

    /// <summary>The key that made the signature; null if no key of the file did.</summary>
    public EsfTrustedKey? Key { get; }

    /// <summary>Whether a trusted key signed the message.</summary>
    public bool IsValid => Outcome == EsfSignatureOutcome.Valid;

    /// <summary>The outcome as text, with the id of the key.</summary>
    public override string ToString() => Outcome switch
    {
        EsfSignatureOutcome.Valid => $"signed by the trusted key '{Key?.Id}'",
        EsfSignatureOutcome.InvalidMessage => "the signature cannot be verified, because the message is not valid for its schema",
        EsfSignatureOutcome.NotSigned => "the message is not signed",
        EsfSignatureOutcome.WrongLength => "the signature field does not have 4627 bytes, the length of an ML-DSA-87 signature",
        EsfSignatureOutcome.NotYetValid => string.Create(CultureInfo.InvariantCulture,
            $"the key '{Key!.Id}' signed the message, but it is trusted from {Key.ValidFrom:yyyy-MM-dd'T'HH:mm:ss'Z'} only"),
        EsfSignatureOutcome.Revoked => string.Create(CultureInfo.InvariantCulture,
            $"the key '{Key!.Id}' signed the message, but it was revoked at {Key.RevokedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
        _ => "no trusted key made the signature: the message or the signature was changed, or the key of the signer is unknown",
    };
}
