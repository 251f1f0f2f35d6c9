namespace Estream.Crypto;

/// <summary>Which of its standard's checks a key does not pass.</summary>
public enum KeyFault
{
    /// <summary>It has another number of bytes.</summary>
    Length,

    /// <summary>A coefficient is not below the modulus, so that these bytes are no key's encoding.</summary>
    Modulus,

    /// <summary>The hash in a private key is not that of the public key in it: it was damaged, or put together from two keys.</summary>
    Hash,

    /// <summary>A secret coefficient is larger than its standard allows.</summary>
    Range,

    /// <summary>It is not in the form it was given as: no such ASN.1 structure, PEM or text, or one of another algorithm.</summary>
    Encoding,
}
