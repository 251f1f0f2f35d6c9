namespace System.Runtime.CompilerServices;

/// <summary>Required to compile records for netstandard2.0, which does not have this type.</summary>
internal static class IsExternalInit;
