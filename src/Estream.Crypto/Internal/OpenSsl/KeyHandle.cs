using Microsoft.Win32.SafeHandles;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>An EVP_PKEY of libcrypto. Freed, and its secrets overwritten, when the last call that uses it has ended.</summary>
internal sealed class KeyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Called by the marshalling code of <see cref="NativeMethods"/>.</summary>
    public KeyHandle()
        : base(ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMethods.FreeKey(handle);
        return true;
    }
}
