namespace Estream.Map;

/// <summary>Decides what becomes of one entry; see <see cref="StateMap{TKey, TValue}.Update"/>. Made a struct, so that nothing is allocated
/// and the call can be inlined.</summary>
/// <typeparam name="TValue">The value type of the map.</typeparam>
public interface IEntryUpdate<TValue>
    where TValue : unmanaged
{
    /// <summary>
    /// Looks at an entry and says what is to be done with it. Where several write, it runs while the part of the map is locked in which the
    /// entry lies: it is to be short, and must not use the map. It may be asked again, with the entry as it is then, when the map first has
    /// to grow; the last answer counts.
    /// </summary>
    /// <param name="isThere">Whether the key is in the map.</param>
    /// <param name="value">A copy of its value, or the default. What it is afterwards is stored, if the answer is
    /// <see cref="EntryChange.Put"/>.</param>
    /// <returns>What to do. An exception leaves the entry as it was and goes to the caller.</returns>
    EntryChange Decide(bool isThere, ref TValue value);
}

/// <summary>What becomes of an entry; see <see cref="IEntryUpdate{TValue}"/>.</summary>
public enum EntryChange
{
    /// <summary>It stays as it is, there or not.</summary>
    Keep = 0,

    /// <summary>The value is stored, as that of a new entry or in place of the former one.</summary>
    Put = 1,

    /// <summary>The entry goes, if it is there.</summary>
    Remove = 2,
}
