namespace Estream.Esf;

/// <summary>What the generated view of a schema that extends another offers to generic code: how a message of the other becomes one of its
/// own. Not meant to be implemented by hand.</summary>
/// <typeparam name="TBase">The view of the other schema.</typeparam>
public interface IEsfExtends<TBase>
    where TBase : struct, IEsfView<TBase>, allows ref struct
{
    /// <summary>Makes messages of this schema of messages of the other one. Prepared at first use, thread-safe.</summary>
    static abstract EsfWidening FromBase { get; }
}
