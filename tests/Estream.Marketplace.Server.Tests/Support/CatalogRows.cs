using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Tests.Support;

/// <summary>Reads the rows of the catalogue from the database file.</summary>
internal static class CatalogRows
{
    public static string Read(string database)
    {
        using SqliteConnection connection = Open(database);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM items ORDER BY slug";
        using SqliteDataReader reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(string.Join('|', values));
        }

        return string.Join('\n', rows);
    }

    public static void Erase(string database)
    {
        using SqliteConnection connection = Open(database);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "DELETE FROM items";
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string database)
    {
        SqliteConnection connection = new($"Data Source={database};Pooling=False");
        connection.Open();
        return connection;
    }
}
