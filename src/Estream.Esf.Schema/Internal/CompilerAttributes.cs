#if NETSTANDARD2_0
// The compiler looks these types up by name. netstandard2.0, the target framework of the generator, does not have them.
namespace System.Diagnostics.CodeAnalysis
{
    [AttributeUsage(AttributeTargets.Parameter)]
    internal sealed class NotNullWhenAttribute(bool returnValue) : Attribute
    {
        public bool ReturnValue { get; } = returnValue;
    }
}

namespace System.Runtime.CompilerServices
{
    internal static class IsExternalInit;
}
#endif
