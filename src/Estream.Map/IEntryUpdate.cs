namespace Estream.Map;

/// <summary>
/// Decides the change of one entry; see <see cref="StateMap{TKey, TValue}.Update"/>. Implement it as a struct: the call then allocates
/// nothing and can be inlined.
/// </summary>
/// <typeparam name="TValue">The value type of the map.</typeparam>
public interface IEntryUpdate<TValue>
    where TValue : unmanaged
{
    /// <summary>
    /// Receives an entry and returns the change to make. With several writers this method runs while the stripe of the entry is locked:
    /// keep it short, and do not use the map in it. If the map has to grow first, the method is called again with the current entry, and
    /// the last result counts.
    /// </summary>
    /// <param name="isThere">Whether the map has the key.</param>
    /// <param name="value">A copy of the value, or the default. Its content after the call is stored if the result is <see
    /// cref="EntryChange.Put"/>.</param>
    /// <returns>The change. An exception leaves the entry unchanged and propagates to the caller.</returns>
    EntryChange Decide(bool isThere, ref TValue value);
}

/// <summary>The change of an entry; see <see cref="IEntryUpdate{TValue}"/>.</summary>
public enum EntryChange
{
    /// <summary>The entry stays as it is, or stays absent.</summary>
    Keep = 0,

    /// <summary>The value is stored, as a new entry or in place of the previous value.</summary>
    Put = 1,

    /// <summary>The entry is removed if it exists.</summary>
    Remove = 2,
}
