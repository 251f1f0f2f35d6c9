namespace Estream.Esf;

/// <summary>Implemented by the generated view of a schema that extends another, for generic code. Converts messages of the base schema to
/// messages of this schema. Not meant to be implemented by hand.</summary>
/// <typeparam name="TBase">The view of the base schema.</typeparam>
public interface IEsfExtends<TBase>
    where TBase : struct, IEsfView<TBase>, allows ref struct
{
    /// <summary>Converts messages of the base schema to messages of this schema. Prepared at first use; thread-safe.</summary>
    static abstract EsfWidening FromBase { get; }
}
